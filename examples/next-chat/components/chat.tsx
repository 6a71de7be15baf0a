'use client';

import { Fragment, useState } from 'react';
import type { TaskChoice } from '@/lib/message';
import { Answer, answerState } from './answer';
import { Composer } from './composer';
import { FaultPanel } from './fault-panel';
import { Header } from './header';
import { Question } from './question';
import { useConversation } from './use-conversation';
import { useStickToEnd } from './use-stick-to-end';
import { Welcome } from './welcome';

/** The whole page. */
export function Chat({ isDemo }: { readonly isDemo: boolean }) {
  const [task, setTask] = useState<TaskChoice>('auto');
  const [isPanelOpen, setPanelOpen] = useState(false);
  const { turns, status, isBusy, ended, total, ask, retry, stop } = useConversation(task);
  const end = useStickToEnd();
  const panel = isDemo ? { isOpen: isPanelOpen, toggle: () => setPanelOpen(!isPanelOpen) } : undefined;

  return (
    <div className="shell" data-demo={isDemo}>
      <Header questions={ended} total={total} panel={panel} />
      {isDemo && <FaultPanel isOpen={isPanelOpen} status={status} />}
      <main className="conversation">
        <h1 className="visually-hidden">Conversation</h1>
        {turns.length === 0 && <Welcome isDemo={isDemo} ask={ask} />}
        <ol className="messages">
          {turns.map(({ message, isLast, isUnanswered }) => (
            <Fragment key={message.id}>
              {message.role === 'user' && <Question message={message} />}
              {(message.role === 'assistant' || isUnanswered) && (
                <Answer
                  message={message.role === 'assistant' ? message : undefined}
                  state={answerState({ message, isLast, status })}
                  retry={isLast ? retry : undefined}
                />
              )}
            </Fragment>
          ))}
        </ol>
        <div ref={end} />
      </main>
      <Composer isBusy={isBusy} task={task} setTask={setTask} ask={ask} stop={stop} />
    </div>
  );
}
