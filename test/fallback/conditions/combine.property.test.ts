import { generateText } from 'ai';
import { all, any, createComposite, type FallbackCondition, isAnswer, not } from 'ai-composite';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { down, scriptedModel } from '../scripted-model.ts';

type Verdict = boolean | undefined;

/** A combination as data; a leaf says the same of a failure, or of an answer, at once or later. */
type Tree =
  | {
      readonly type: 'leaf';
      readonly verdict: Verdict;
      readonly of: 'failures' | 'answers' | 'answers, later';
    }
  | { readonly type: 'not'; readonly tree: Tree }
  | { readonly type: 'all' | 'any'; readonly trees: readonly Tree[] };

const verdicts: readonly Verdict[] = [true, false, undefined];

const { tree: anyTree } = fc.letrec<{ tree: Tree }>(tie => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.record({
      type: fc.constant('leaf' as const),
      verdict: fc.constantFrom(...verdicts),
      of: fc.constantFrom('failures' as const, 'answers' as const, 'answers, later' as const),
    }),
    fc.record({ type: fc.constant('not' as const), tree: tie('tree') }),
    fc.record({
      type: fc.constantFrom('all' as const, 'any' as const),
      trees: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

function conditionOf(tree: Tree): FallbackCondition {
  switch (tree.type) {
    case 'leaf': {
      const { verdict, of } = tree;
      if (of === 'failures') return () => verdict;
      return isAnswer(of === 'answers' ? () => verdict : async () => verdict);
    }
    case 'not':
      return not(conditionOf(tree.tree));
    default:
      return { all, any }[tree.type](...tree.trees.map(conditionOf));
  }
}

/** Kleene's tables, as numbers: true is 1, false is 0, what may be either is a half. */
function kleene({ tree, of }: { readonly tree: Tree; readonly of: 'failures' | 'answers' }): number {
  switch (tree.type) {
    case 'leaf':
      if (!tree.of.startsWith(of) || tree.verdict === undefined) return 0.5;
      return tree.verdict ? 1 : 0;
    case 'not':
      return 1 - kleene({ tree: tree.tree, of });
    case 'all':
      return Math.min(...tree.trees.map(own => kleene({ tree: own, of })));
    case 'any':
      return Math.max(...tree.trees.map(own => kleene({ tree: own, of })));
  }
}

const words = new Map<number, Verdict>([
  [1, true],
  [0, false],
  [0.5, undefined],
]);

/** What a condition says of an answer, or a failure, told from what follows: `true` asks the second, `false` delivers or ends. */
async function saysOf({
  condition,
  of,
}: {
  readonly condition: FallbackCondition;
  readonly of: 'failures' | 'answers';
}): Promise<Verdict> {
  const first = scriptedModel({
    id: 'first',
    turns: [of === 'answers' ? { text: ['one'] } : { error: down }],
  });
  const second = scriptedModel({ id: 'second', turns: [{ text: ['two'] }] });
  const asked: string[] = [];
  // What comes behind it is only asked where it says nothing.
  const behind: FallbackCondition =
    of === 'answers'
      ? isAnswer(({ candidate }) => {
          if (candidate === 'first') asked.push(candidate);
          return false;
        })
      : (_failure, { candidate }) => {
          asked.push(candidate);
          return true;
        };
  const model = createComposite(
    [
      { model: first, name: 'first' },
      { model: second, name: 'second' },
    ],
    {
      fallbackWhen: [condition, behind],
      pricing: { catalog: false, onWarning: () => {} },
    },
  );
  await generateText({ model, prompt: 'Hi', maxRetries: 0 }).catch(() => {});
  if (asked.length > 0) return undefined;
  return second.calls.length > 0;
}

describe('all, any and not', () => {
  test.each(['failures', 'answers'] as const)('follow the tables of Kleene, of %s', async of => {
    await fc.assert(
      fc.asyncProperty(anyTree, async tree => {
        const condition = conditionOf(tree);
        const expected = words.get(kleene({ tree, of }));
        if (of === 'failures') {
          const failure = { kind: 'server', error: down } as const;
          const context = { task: 'default', candidate: 'first', attemptNumber: 1 };
          expect(condition(failure, context)).toBe(expected);
        }
        expect(await saysOf({ condition, of })).toBe(expected);
      }),
      { numRuns: 60 },
    );
  });

  test('follow the laws of De Morgan, in what they say and in what they hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyTree, { minLength: 1, maxLength: 3 }), async trees => {
        const conditions = trees.map(conditionOf);
        const pairs = [
          [not(all(...conditions)), any(...conditions.map(own => not(own)))],
          [not(any(...conditions)), all(...conditions.map(own => not(own)))],
        ] as const;
        for (const [one, other] of pairs) {
          expect(one.judgement?.needs).toEqual(other.judgement?.needs);
          for (const of of ['failures', 'answers'] as const)
            expect(await saysOf({ condition: one, of })).toBe(await saysOf({ condition: other, of }));
        }
      }),
      { numRuns: 30 },
    );
  });

  test('hold what their parts need, all of it and no more', () => {
    fc.assert(
      fc.property(anyTree, tree => {
        const leaves = (own: Tree): number => {
          if (own.type === 'leaf') return own.of === 'failures' ? 0 : 1;
          if (own.type === 'not') return leaves(own.tree);
          return own.trees.reduce((sum, part) => sum + leaves(part), 0);
        };
        expect(conditionOf(tree).judgement?.needs.length ?? 0).toBe(leaves(tree));
      }),
    );
  });
});
