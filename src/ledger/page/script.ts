/**
 * The page's script, as one text without imports. This file is for the sources only, and bundles it when it is asked for; in
 * the package `#ledger-page-script` is the script that was bundled with the rest.
 */
export const script = await bundle();

async function bundle(): Promise<string> {
  const { bundlePageScript } = (await import(
    new URL('../../../.ci/page-script.ts', import.meta.url).href
  )) as {
    readonly bundlePageScript: () => Promise<string>;
  };
  return bundlePageScript();
}
