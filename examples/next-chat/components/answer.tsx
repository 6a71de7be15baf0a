import type { ChatStatus } from 'ai';
import { type ChatMessage, textOf } from '@/lib/message';
import { AnswerReport } from './answer-report';
import { AnswerText } from './answer-text';

/** Where an answer stands. `stopped` is also one whose connection to this page was lost without a word. */
export type AnswerState = 'waiting' | 'writing' | 'whole' | 'failed' | 'stopped';

/** Reads where an answer stands from its message, or from the question where it has none, and for the last one from the chat. */
export function answerState({
  message,
  isLast,
  status,
}: {
  readonly message: ChatMessage;
  readonly isLast: boolean;
  readonly status: ChatStatus;
}): AnswerState {
  if (isLast && (status === 'submitted' || status === 'streaming'))
    return message.role === 'assistant' && textOf(message) !== '' ? 'writing' : 'waiting';
  const outcome = message.metadata?.composite?.outcome;
  if (outcome === 'success') return 'whole';
  return outcome === 'failure' || (isLast && status === 'error') ? 'failed' : 'stopped';
}

/** An answer: its text, how it ended if not well, and its report. */
export function Answer({
  message,
  state,
  retry,
}: {
  /** Undefined where nothing of an answer has come. */
  readonly message: ChatMessage | undefined;
  readonly state: AnswerState;
  readonly retry: (() => void) | undefined;
}) {
  const text = message === undefined ? '' : textOf(message);
  const report = message?.metadata?.composite;
  return (
    <li className="answer" data-state={state} aria-busy={state === 'waiting' || state === 'writing'}>
      <span className="visually-hidden">Answer: </span>
      {state === 'waiting' ? (
        <p className="waiting" role="status">
          <span className="visually-hidden">Waiting for the first words</span>
          <span className="dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
        </p>
      ) : (
        text !== '' && <AnswerText text={text} />
      )}
      {(state === 'failed' || state === 'stopped') && (
        <div className="notice" role="status">
          <p>{sentence({ state, hasText: text !== '' })}</p>
          {retry !== undefined && (
            <button type="button" className="button" onClick={retry}>
              Try again
            </button>
          )}
        </div>
      )}
      {report !== undefined && state !== 'waiting' && state !== 'writing' && <AnswerReport report={report} />}
    </li>
  );
}

function sentence({ state, hasText }: { readonly state: AnswerState; readonly hasText: boolean }): string {
  if (state === 'stopped') return hasText ? 'You stopped this answer.' : 'You stopped before the first word.';
  return hasText
    ? 'This answer broke off. What you see is its beginning, not all of it.'
    : 'Nobody could answer this just now.';
}
