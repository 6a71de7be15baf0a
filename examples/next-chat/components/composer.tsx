import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { type TaskChoice, taskChoices } from '@/lib/message';

const labels: Readonly<Record<TaskChoice, string>> = {
  auto: 'Auto',
  quick: 'Quick',
  code: 'Code',
  writing: 'Writing',
};

/** Where a question is written, and its task chosen. */
export function Composer({
  isBusy,
  task,
  setTask,
  ask,
  stop,
}: {
  readonly isBusy: boolean;
  readonly task: TaskChoice;
  readonly setTask: (task: TaskChoice) => void;
  readonly ask: (text: string) => void;
  readonly stop: () => void;
}) {
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (isBusy || text.trim() === '') return;
    ask(text.trim());
    setText('');
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While a text is composed, as in Japanese, Enter chooses a word.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };
  useEffect(() => {
    if (!isBusy) return;
    const onEscape = ({ key }: { readonly key: string }) => {
      if (key === 'Escape') stop();
    };
    window.addEventListener('keydown', onEscape);
    return () => window.removeEventListener('keydown', onEscape);
  }, [isBusy, stop]);

  return (
    <form className="composer" aria-label="Ask" onSubmit={submit}>
      <div className="composer-box">
        <label htmlFor="question" className="visually-hidden">
          Your question
        </label>
        <textarea
          id="question"
          ref={field}
          rows={1}
          value={text}
          placeholder="Ask something"
          autoComplete="off"
          onChange={event => setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <div className="composer-row">
          <fieldset className="tasks">
            <legend className="visually-hidden">Task</legend>
            {taskChoices.map(choice => (
              <label key={choice}>
                <input
                  type="radio"
                  name="task"
                  value={choice}
                  checked={task === choice}
                  onChange={() => setTask(choice)}
                />
                <span className="task-label">{labels[choice]}</span>
              </label>
            ))}
          </fieldset>
          {isBusy ? (
            <button type="button" className="button stop" onClick={stop}>
              <span className="stop-icon" aria-hidden="true" />
              Stop
            </button>
          ) : (
            <button type="submit" className="button primary" disabled={text.trim() === ''}>
              Send
            </button>
          )}
        </div>
      </div>
    </form>
  );
}
