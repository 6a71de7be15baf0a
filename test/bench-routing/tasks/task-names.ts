/** The tasks that the labelled prompts are sorted into, as a user might name routes. */
export const taskNames = ['code', 'creative', 'analysis', 'fast'] as const;

export type TaskName = (typeof taskNames)[number];

/** What each task is for: what the prompts are labelled by, and what a classifying model is told. */
export const taskWords: Readonly<Record<TaskName, string>> = {
  code: 'programs, queries, scripts and configuration: writing, mending, explaining or reviewing them',
  creative: 'texts written for their effect: stories, verse, slogans, names, speeches, letters, role play',
  analysis: 'weighing, reasoning, calculating in steps, judging data or arguments, hard questions',
  fast: 'small talk and what a small model does well: facts, translations, spelling, lists, extraction',
};
