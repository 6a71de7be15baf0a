import type { PageData } from './page-data.ts';
import { styles } from './styles.ts';

/**
 * One document with everything in it. Its policy lets it load nothing from anywhere, and what people or providers wrote is in
 * it as data, which the script shows as text.
 */
export function pageHtml({ data, script }: { readonly data: PageData; readonly script: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">
<title>${escapeHtml(data.title)}</title>
<style>${styles}</style>
</head>
<body>
<main id="page"><noscript>This page draws its charts with a script, which this browser does not run.</noscript></main>
<script type="application/json" id="data">${escapeJson(data)}</script>
<script>${script.replaceAll('</script', '<\\/script')}</script>
</body>
</html>
`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** No name can end the element it is in, nor begin another. */
function escapeJson(data: PageData): string {
  return JSON.stringify(data)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}
