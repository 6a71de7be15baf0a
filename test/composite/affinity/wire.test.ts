import { convertToModelMessages, readUIMessageStream, streamText, type UIMessage } from 'ai';
import { compositeMetadata, createComposite } from 'ai-composite';
import { expect, test } from 'vitest';
import { createFaultServer, respond } from '../../../src/testing/index.ts';
import { createManualClock } from '../../fallback/manual-clock.ts';
import { clients } from '../../testing/clients.ts';
import { minuteMs } from './conversation.ts';

for (const [index, one] of clients.entries())
  test(`a chat through a browser comes home on the wire, with nothing of the other account in it (${one.name})`, async () => {
    await using server = await createFaultServer();
    const other = clients[(index + 1) % clients.length] ?? one;
    for (const two of [one, other]) {
      const [home, away] = [server.account(`home${two.name}`), server.account(`away${two.name}`)];
      const says = (text: string) => respond.answer({ reasoning: 'Hm.', text });
      home.script([says('at home'), respond.status(503), says('home again')]);
      away.script([says('elsewhere')]);
      const clock = createManualClock();
      const model = createComposite(
        [
          { model: one.model(home.baseUrl), name: 'home' },
          { model: two.model(away.baseUrl), name: 'away' },
        ],
        { attempts: 1, clock, pricing: { catalog: false, onWarning: () => {} } },
      );
      const messages: UIMessage[] = [];
      const turn = async () => {
        messages.push({ id: `${messages.length}`, role: 'user', parts: [{ type: 'text', text: 'Hi' }] });
        const result = streamText({ model, messages: await convertToModelMessages(messages) });
        let answer: UIMessage | undefined;
        for await (const message of readUIMessageStream({ stream: result.toUIMessageStream() }))
          answer = message;
        if (answer === undefined) throw new Error('There was no answer.');
        messages.push(JSON.parse(JSON.stringify(answer)));
        return (await compositeMetadata(result))?.affinity?.decision;
      };
      expect(await turn()).toBeUndefined();
      expect(await turn()).toBe('left');
      await clock.advance(minuteMs);
      expect(await turn()).toBe('returned');
      const body = JSON.stringify(home.requests.at(-1)?.body);
      expect(body).toContain('elsewhere');
      expect(body).not.toContain('composite');
      // Two accounts of one Claude check each other's signatures.
      const isClaude = one.protocol === 'anthropic' && two.protocol === 'anthropic';
      if (!isClaude) expect(body).not.toMatch(new RegExp(`(rs|msg|fc|signature)_${away.name}`));
    }
  });
