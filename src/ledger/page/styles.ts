/** How the page looks: light or dark as the reader's system is, and narrow where the screen is. */
export const styles = `
:root {
  color-scheme: light dark;
  --ground: #fbfbfa; --card: #fff; --ink: #1c1d1f; --muted: #63666c; --rule: #e6e6e3; --accent: #2f5fd0;
  --good: #1c7c4a; --bad: #b3261e; --warn: #8a5a00;
  --series-1: #3b6fd8; --series-2: #e08a2e; --series-3: #3a9c74; --series-4: #c9506b;
  --series-5: #7c62c9; --series-6: #2f9fb5; --series-7: #a9803d; --series-8: #9a9da3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #131416; --card: #1b1c1f; --ink: #ececea; --muted: #a0a3a8; --rule: #2d2f33; --accent: #86a8ff;
    --good: #62c995; --bad: #ff8a80; --warn: #e5b567;
    --series-1: #6d97f2; --series-2: #efa455; --series-3: #5dbf95; --series-4: #e5788f;
    --series-5: #a08be6; --series-6: #57c1d6; --series-7: #c9a263; --series-8: #777b82;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 64px; }
header { margin-bottom: 24px; }
h1 { font-size: 26px; line-height: 1.2; letter-spacing: -0.01em; margin: 0 0 4px; overflow-wrap: anywhere; }
header p, footer { color: var(--muted); margin: 0; }
h2 { font-size: 16px; margin: 0 0 12px; overflow-wrap: anywhere; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 20px; margin-top: 16px; }
footer { margin-top: 24px; font-size: 13px; }
.controls { display: flex; flex-wrap: wrap; gap: 12px; margin-bottom: 16px; }
.controls label { display: grid; gap: 4px; font-size: 13px; color: var(--muted); min-width: 0; flex: 0 1 190px; }
select { font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--rule); border-radius: 6px; padding: 6px 8px; width: 100%; }
select:focus-visible, button:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 1px; margin: 0; background: var(--card); border: 1px solid var(--rule); border-radius: 10px; overflow: hidden; }
.cards div { box-shadow: 0 0 0 1px var(--rule); padding: 16px; }
.cards dt { color: var(--muted); font-size: 13px; }
.cards dd { margin: 2px 0 0; display: grid; gap: 2px; }
.cards strong { font-size: 24px; line-height: 1.25; font-weight: 600; letter-spacing: -0.01em; }
.cards span { color: var(--muted); font-size: 13px; }
.frame { position: relative; }
.readout { position: absolute; top: 0; pointer-events: none; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 8px 12px; font-size: 13px; max-width: min(320px, 90%); overflow-wrap: anywhere; box-shadow: 0 4px 16px rgb(0 0 0 / 12%); }
.readout i { display: inline-block; width: 9px; height: 9px; border-radius: 2px; margin-right: 7px; }
.readout .together { border-top: 1px solid var(--rule); margin-top: 4px; padding-top: 4px; }
.empty { color: var(--muted); margin: 0; }
.figures { margin-top: 12px; font-size: 13px; color: var(--muted); }
summary { cursor: pointer; }
.scroll { overflow-x: auto; max-height: 420px; overflow-y: auto; margin-top: 8px; }
table { border-collapse: collapse; width: 100%; color: var(--ink); }
caption { text-align: left; color: var(--muted); padding-bottom: 6px; }
th, td { text-align: left; padding: 7px 12px 7px 0; border-bottom: 1px solid var(--rule); vertical-align: baseline; white-space: nowrap; font-weight: 400; }
thead th { color: var(--muted); font-size: 13px; position: sticky; top: 0; background: var(--card); }
.scroll:has(.calls) { max-height: 640px; }
.calls button { font: inherit; border: 1px solid var(--rule); background: none; color: var(--muted); width: 26px; height: 26px; line-height: 1; border-radius: 6px; cursor: pointer; }
.calls button[aria-expanded='true'] { transform: rotate(90deg); }
.badge { display: inline-block; padding: 0 8px; border-radius: 999px; font-size: 12px; line-height: 20px; border: 1px solid currentColor; color: var(--muted); }
.badge.success, .badge.closed { color: var(--good); }
.badge.failure, .badge.open { color: var(--bad); }
.badge.abort, .badge.half-open { color: var(--warn); }
.waterfall { padding: 8px 0 12px; white-space: normal; }
.waterfall ol, .health, .budgets { list-style: none; margin: 0; padding: 0; display: grid; gap: 12px; }
.tags { display: flex; flex-wrap: wrap; gap: 6px; margin: 0 0 12px; font-size: 12px; color: var(--muted); }
.tags code { overflow-wrap: anywhere; }
.tag { border: 1px solid var(--rule); border-radius: 6px; padding: 0 6px; overflow-wrap: anywhere; }
.who, .health li { overflow-wrap: anywhere; }
.track { position: relative; height: 10px; margin: 5px 0 3px; background: var(--rule); border-radius: 3px; overflow: hidden; }
.span { position: absolute; top: 0; bottom: 0; border-radius: 3px; background: var(--series-1); opacity: 0.75; }
.span.failure { background: var(--bad); }
.span.abort { background: var(--warn); }
.first { position: absolute; inset: 0 auto 0 0; background: var(--ink); opacity: 0.25; }
.facts, .notes, .health small { color: var(--muted); font-size: 13px; }
.health small { margin-left: 8px; }
.notes { margin: 12px 0 0; padding-left: 18px; }
.meter { display: flex; height: 10px; margin-top: 6px; background: var(--rule); border-radius: 5px; overflow: hidden; }
.meter .spent { background: var(--series-1); }
.meter .held { background: repeating-linear-gradient(45deg, var(--series-1) 0 3px, transparent 3px 6px); }
@media (max-width: 560px) {
  main { padding: 24px 14px 48px; }
  section { padding: 16px 14px; }
  .controls label { flex: 1 1 40%; }
  .cards { grid-template-columns: 1fr 1fr; }
}
`;
