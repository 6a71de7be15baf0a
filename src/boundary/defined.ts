/** Options without those that are undefined: they say nothing, and must not hide a default when they are laid over it. */
export function defined<VALUE>(
  options: Readonly<Record<string, VALUE | undefined>>,
): Readonly<Record<string, VALUE>>;
export function defined<OPTIONS extends object>(options: OPTIONS | undefined): Defined<OPTIONS>;
export function defined(options: object | undefined): object {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined));
}

type Defined<OPTIONS> = { [Key in keyof OPTIONS]?: Exclude<OPTIONS[Key], undefined> };
