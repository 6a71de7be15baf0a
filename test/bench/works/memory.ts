import { bare, type Composer, mainComposers } from '../contestants.ts';
import type { Effort } from '../measure.ts';
import { instantModel, openStream, options, pulledStream, readToText, unavailable } from '../models.ts';
import type { Row, Work } from '../table.ts';

/** What the heap holds: for an open stream, for one whose reader stopped, and after many calls that fell back. */
export async function measureMemory({ rounds }: Effort): Promise<ReadonlyArray<Work>> {
  const streams = rounds < 10 ? 200 : 2_000;
  const calls = rounds < 10 ? 500 : 20_000;
  const open: Row[] = [];
  const stalled: Row[] = [];
  const grown: Row[] = [];
  for (const composer of [bare, ...mainComposers]) {
    open.push(amount({ name: composer.name, value: await heapPerOpenStream({ composer, streams }) }));
    stalled.push(amount({ name: composer.name, value: await heapPerStalledStream({ composer, streams }) }));
    if (composer !== bare)
      grown.push(amount({ name: composer.name, value: await growthPerCall({ composer, calls }) }));
  }
  const bytes = { figure: 'amount', unit: 'bytes' } as const;
  return [
    { id: 'heap-open', title: 'Heap of one open stream', ...bytes, rows: open },
    {
      id: 'heap-stalled',
      title: 'Heap of a stream of 2,000 parts whose reader stopped after 10',
      ...bytes,
      rows: stalled,
    },
    { id: 'heap-growth', title: 'Growth of the heap per call that fell back', ...bytes, rows: grown },
  ];
}

function amount({ name, value }: { readonly name: string; readonly value: number }): Row {
  return { name, median: value, low: value, high: value };
}

async function heapPerOpenStream({
  composer,
  streams,
}: {
  readonly composer: Composer;
  readonly streams: number;
}): Promise<number> {
  const held: unknown[] = [];
  const model = composer.compose([
    instantModel({ modelId: 'a', stream: () => openStream(held) }),
    instantModel({ modelId: 'b' }),
  ]);
  const openOne = async () => {
    const reader = await readToText((await model.doStream(options)).stream);
    const next = reader.read();
    next.catch(() => {});
    held.push(reader, next);
    return reader;
  };
  const warm = await Promise.all(Array.from({ length: 100 }, openOne));
  for (const reader of warm) await reader.cancel();
  held.length = 0;
  const before = await heapUsed();
  const readers = await Promise.all(Array.from({ length: streams }, openOne));
  const after = await heapUsed();
  for (const reader of readers) await reader.cancel();
  return (after - before) / streams;
}

async function heapPerStalledStream({
  composer,
  streams,
}: {
  readonly composer: Composer;
  readonly streams: number;
}): Promise<number> {
  const model = composer.compose([
    instantModel({ modelId: 'a', stream: () => pulledStream(2_000) }),
    instantModel({ modelId: 'b' }),
  ]);
  const readTen = async () => {
    const reader = (await model.doStream(options)).stream.getReader();
    for (let read = 0; read < 10; read++) await reader.read();
    return reader;
  };
  for (let index = 0; index < 20; index++) await (await readTen()).cancel();
  const before = await heapUsed();
  const readers: Array<Awaited<ReturnType<typeof readTen>>> = [];
  for (let index = 0; index < streams / 4; index++) readers.push(await readTen());
  const perStream = ((await heapUsed()) - before) / readers.length;
  for (const reader of readers) await reader.cancel();
  return perStream;
}

async function growthPerCall({
  composer: { compose, startOver },
  calls,
}: {
  readonly composer: Composer;
  readonly calls: number;
}): Promise<number> {
  const model = compose([
    instantModel({ modelId: 'down', failure: unavailable }),
    instantModel({ modelId: 'b' }),
  ]);
  const call = async () => {
    startOver?.(model);
    await model.doGenerate(options);
  };
  for (let index = 0; index < 2_000; index++) await call();
  const before = await heapUsed();
  for (let index = 0; index < calls; index++) await call();
  return ((await heapUsed()) - before) / calls;
}

async function heapUsed(): Promise<number> {
  for (let turn = 0; turn < 4; turn++) {
    await new Promise(resolve => setImmediate(resolve));
    globalThis.gc?.();
  }
  const { heapUsed: used, external } = process.memoryUsage();
  return used + external;
}
