import type { PageData } from '../page-data.ts';
import { element } from './element.ts';
import type { Selection } from './selection.ts';

/** What a reader chooses from. */
export function controls({
  data,
  selection,
  onChange,
}: {
  readonly data: PageData;
  readonly selection: Selection;
  readonly onChange: (selection: Selection) => void;
}): HTMLElement {
  let current = selection;
  const change = (changed: Partial<Selection>) => {
    current = { ...current, ...changed };
    onChange(current);
  };
  const days = data.lastDay - data.firstDay + 1;
  const periods = [7, 30, 90, 365]
    .filter(length => length < days)
    .map(length => [String(length), `Last ${length} days`] as const);
  return element(
    'form',
    { class: 'controls', 'aria-label': 'What is shown', submit: event => event.preventDefault() },
    choice({
      name: 'Period',
      options: [['', `All ${days} days`], ...periods],
      onChoice: value =>
        change({ firstDay: value === '' ? data.firstDay : data.lastDay - Number(value) + 1 }),
    }),
    choice({
      name: 'Cost by',
      options: [
        ['model', 'model'],
        ['task', 'task'],
        ['candidate', 'candidate'],
        ...data.tags.map(({ name }) => [`tag:${name}`, `tag ${name}`] as const),
      ],
      onChoice: by => change({ by }),
    }),
    filter({ name: 'Task', names: data.tasks, onFilter: task => change({ task }) }),
    filter({ name: 'Candidate', names: data.candidates, onFilter: candidate => change({ candidate }) }),
    filter({ name: 'Model', names: data.models, onFilter: model => change({ model }) }),
  );
}

function filter({
  name,
  names,
  onFilter,
}: {
  readonly name: string;
  readonly names: ReadonlyArray<string>;
  readonly onFilter: (place: number | undefined) => void;
}): HTMLElement {
  const options = names
    .map((text, place) => [String(place), text === '' ? '(none)' : text] as const)
    .sort(([, one], [, other]) => one.localeCompare(other));
  return choice({
    name,
    options: [['', 'all'], ...options],
    onChoice: value => onFilter(value === '' ? undefined : Number(value)),
  });
}

function choice({
  name,
  options,
  onChoice,
}: {
  readonly name: string;
  readonly options: ReadonlyArray<readonly [value: string, text: string]>;
  readonly onChoice: (value: string) => void;
}): HTMLElement {
  const select = element('select', {}, ...options.map(([value, text]) => element('option', { value }, text)));
  select.addEventListener('change', () => onChoice(select.value));
  return element('label', {}, element('span', {}, name), select);
}
