import type { Answer, StateStore } from 'ai-composite';

/** A store far away, before one in memory: it answers later, or not, and counts what it was asked. */
export type RemoteStore = StateStore & {
  /** What it was asked, by verb, in order. */
  readonly asked: string[];
  /** `there` answers in another turn; `refuses` rejects; `silent` does nothing and never answers; `mute` does it and never answers; `late` does it and answers when told. */
  mode: 'there' | 'refuses' | 'silent' | 'mute' | 'late';
  /** Answers everything that is late. */
  readonly answerLate: () => void;
};

/** Puts a distance before a store. */
export function remoteStore(near: StateStore): RemoteStore {
  const asked: string[] = [];
  let late: Array<() => void> = [];
  const far =
    <INPUT, VALUE>(verb: string, work: (input: INPUT) => Answer<VALUE>) =>
    async (input: INPUT): Promise<VALUE> => {
      asked.push(verb);
      if (remote.mode === 'refuses') throw new Error('connect ECONNREFUSED redis://user:password@host');
      if (remote.mode === 'silent') return new Promise(() => undefined);
      if (remote.mode === 'late') await new Promise<void>(resolve => late.push(resolve));
      else await new Promise(resolve => setImmediate(resolve));
      const answer = await work(input);
      return remote.mode === 'mute' ? new Promise(() => undefined) : answer;
    };
  const remote: RemoteStore = {
    asked,
    mode: 'there',
    answerLate: () => {
      for (const answer of late) answer();
      late = [];
    },
    observe: far('observe', near.observe),
    health: far('health', near.health),
    tryProbe: far('tryProbe', near.tryProbe),
    hold: far('hold', near.hold),
    renew: far('renew', near.renew),
    settle: far('settle', near.settle),
    standings: far('standings', near.standings),
    readNote: far('readNote', near.readNote),
    writeNote: far('writeNote', near.writeNote),
  };
  return remote;
}
