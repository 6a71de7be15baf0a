import { createFaultServer } from 'ai-composite/testing';
import { expect, test } from 'vitest';
import { rejection } from './call.ts';

test('a fault server listens at the port that it is told, and rejects where that is taken', async () => {
  const free = await createFaultServer();
  const port = Number(new URL(free.url).port);
  await free.close();
  await using server = await createFaultServer({ port });
  expect(server.url).toBe(`http://127.0.0.1:${port}`);
  expect(server.account('one').baseUrl).toContain(`:${port}/`);
  expect(await rejection(createFaultServer({ port }))).toMatchObject({ code: 'EADDRINUSE' });
});

test.each([
  [{ port: '4010' }, 'createFaultServer.port: must be a port number (got "4010")'],
  [{ port: 70_000 }, 'at most 65535'],
  [{ prot: 4010 }, 'has no option "prot" (did you mean port?); it takes port'],
])('%j is refused', async (settings, says) => {
  expect(String(await rejection(Reflect.apply(createFaultServer, undefined, [settings])))).toContain(says);
});
