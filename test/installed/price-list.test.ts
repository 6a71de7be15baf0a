import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installProject, type Project } from './project.ts';

const unasked = expect.stringContaining("import { priceList } from 'ai-composite/price-list'");
const listed = { inputTokens: 0.1, source: 'catalog' };

describe('the price list', () => {
  const projects = new Map<string, Project>();
  const sources = {
    bundlers: ['bundlers.ts', 'look-up.js', 'look-up-asked.js'],
    wrangler: ['wrangler.ts', 'look-up.js', 'look-up-asked.js'],
    next: ['next-app.ts'],
  };
  beforeAll(() => {
    for (const [name, files] of Object.entries(sources))
      projects.set(name, installProject({ name, sources: files }));
  });
  afterAll(() => {
    for (const project of projects.values()) project.remove();
  });
  const linesOf = (name: string, file: string): readonly unknown[] => {
    const output = projects.get(name)?.node(file);
    if (output?.isOk !== true) throw new Error(output?.stderr);
    return output.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
  };

  test('is in a bundle for Node, and in one for a browser or an edge runtime only where it is asked for', () => {
    const forNode = ['esbuild node', 'esbuild node, split', 'vite node', 'webpack node'];
    const forEdge = ['esbuild browser', 'esbuild neutral', 'webpack web', 'webpack webworker'];
    const names = [...forEdge, ...forNode, 'vite client', 'vite webworker'].sort();
    expect(linesOf('bundlers', 'bundlers.ts')).toEqual(
      names.flatMap(name => [
        forNode.includes(name)
          ? { name, program: 'look-up', hasList: true, ...listed }
          : { name, program: 'look-up', hasList: false, why: unasked },
        { name, program: 'look-up-asked', hasList: true, ...listed, refreshed: 7 },
      ]),
    );
  });

  test('is in what Wrangler deploys only where it is asked for', () => {
    expect(linesOf('wrangler', 'wrangler.ts')).toEqual([
      { program: 'look-up', hasList: false, why: unasked },
      { program: 'look-up-asked', hasList: true, ...listed, refreshed: 7 },
    ]);
  });

  test('is found by a Node route of Next.js, and is in no edge route', () => {
    expect(linesOf('next', 'next-app.ts')).toEqual([
      {
        edge: { why: unasked },
        node: expect.objectContaining({
          source: 'catalog',
          price: expect.objectContaining({ inputTokens: 0.1 }),
        }),
        isInEdge: false,
      },
    ]);
  });
});
