import { fork } from 'node:child_process';
import { join } from 'node:path';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { bare, mainComposers } from '../contestants.ts';
import { type Effort, spreadOf } from '../measure.ts';
import { drain, options } from '../models.ts';
import type { Row, Work } from '../table.ts';

/** Real HTTP on loopback: the processor time of one stream of 200 chunks, one at a time and 64 at once. */
export async function measureHttp({ rounds }: Effort): Promise<ReadonlyArray<Work>> {
  const server = fork(join(import.meta.dirname, '../stream-server.ts'));
  const port = await new Promise(resolve => server.once('message', resolve));
  const provider = createOpenAICompatible({
    name: 'bench',
    baseURL: `http://127.0.0.1:${port}/v1`,
    apiKey: 'none',
    includeUsage: true,
  });
  const contestants = [bare, ...mainComposers].map(({ name, compose }) => ({
    name,
    model: compose([provider('m'), provider('other')]),
  }));

  const works: Work[] = [];
  for (const inFlight of [1, 64]) {
    const ratios = new Map(contestants.map(({ name }) => [name, [] as number[]]));
    const batch = async (model: (typeof contestants)[number]['model']) => {
      const before = process.cpuUsage();
      // As many streams either way, so that a round weighs the same.
      for (let done = 0; done < 64; done += inFlight) {
        await Promise.all(
          Array.from({ length: inFlight }, async () => drain((await model.doStream(options)).stream)),
        );
      }
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    for (let round = -2; round < Math.max(3, rounds); round++) {
      const times: Array<readonly [name: string, used: number]> = [];
      for (const { name, model } of contestants) times.push([name, await batch(model)]);
      const base = times[0]?.[1] ?? Number.NaN;
      // The first rounds warm up.
      if (round >= 0) for (const [name, used] of times) ratios.get(name)?.push(used / base);
    }
    works.push({
      id: `http-${inFlight}`,
      title: `HTTP, a stream of 200 chunks, ${inFlight === 1 ? 'one at a time' : `${inFlight} at once`}: processor time of the client`,
      figure: 'ratio',
      unit: '',
      rows: [...ratios].map(([name, values]): Row => ({ name, ...spreadOf(values) })),
    });
  }
  server.disconnect();
  return works;
}
