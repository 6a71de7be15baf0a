// Keeps what calls cost in a ledger, and writes its page to a file. Two weeks of simulated calls: no model runs, nothing is billed.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { generateText } from 'ai';
import { createComposite, formatUsd } from 'ai-composite';
import { openLedger } from 'ai-composite/ledger';
import { simulatedModel, startSimulatedTime } from './simulated-models.ts';

const days = 14;
const time = startSimulatedTime({ daysAgo: days });
const ledger = await openLedger({ database: ':memory:', clock: time.clock });

const sol = simulatedModel({ id: 'gpt-6-sol', provider: 'openai', time, latencyMs: 900, failsOn: [3, 4, 9] });
const sonnet = simulatedModel({
  id: 'claude-sonnet-5',
  provider: 'anthropic',
  time,
  latencyMs: 1_400,
  failsOn: [9],
});
const flash = simulatedModel({
  id: 'gemini-3.8-flash',
  provider: 'google',
  time,
  latencyMs: 350,
  failsOn: [],
});
const ai = createComposite({
  tasks: { code: [sol, sonnet, flash], fast: [flash, sol] },
  prices: {
    'openai/gpt-6-sol': { inputTokens: 1.25, outputTokens: 10 },
    'anthropic/claude-sonnet-5': { inputTokens: 3, outputTokens: 15 },
    'google/gemini-3.8-flash': { inputTokens: 0.3, outputTokens: 2.5 },
  },
  clock: time.clock,
  onCallEnd: ledger.onCallEnd,
});

for (let index = 0; index < 400; index++) {
  time.pass({ days: days / 400 });
  const customer = ['acme', 'globex', 'initech'][index % 3] ?? '';
  await generateText({
    model: ai(index % 4 === 0 ? 'code' : 'fast'),
    prompt: 'x',
    providerOptions: { composite: { tags: { customer } } },
  }).catch(() => {}); // kept as a failed call
}
await ledger.flush();

for (const row of await ledger.spend({ by: ['tag:customer'] }))
  console.log(`${row['tag:customer']}: ${row.calls} calls, ${formatUsd(row)}`);
const [all] = await ledger.reliability();
console.log(
  `answered: ${((all?.successRate ?? 0) * 100).toFixed(1)} %, by a fallback: ${((all?.fallbackRate ?? 0) * 100).toFixed(1)} %`,
);

const file = path.join(tmpdir(), 'ai-composite-ledger.html');
writeFileSync(
  file,
  await ledger.page({ title: 'Two simulated weeks', tags: ['customer'], health: ai.health }),
);
await ledger.close();
console.log(`The page: ${file}`);
