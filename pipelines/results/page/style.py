"""One style for all pages: light and dark, on paper, by keyboard.

Colours of states and outlines stay apart for the colour-blind (Okabe and Ito, "Color Universal Design", 2008), and none
says anything that is not said in words, too.
"""

STYLE = """
:root { color-scheme: light dark; --ink: #1d242c; --quiet: #5c6873; --paper: #f5f7f9; --card: #fff; --line: #dde3e9;
  --focus: #0072b2; --ok: #00704f; --warned: #8a5a00; --rejected: #b04a00; --failed: #a3304a; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --quiet: #98a4b0; --paper: #10141a;
  --card: #181e26; --line: #2a333d; --focus: #56b4e9; --ok: #3fc9a0; --warned: #e6b450; --rejected: #f0935c;
  --failed: #f28ba0; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 24px; margin: 0 0 2px; overflow-wrap: anywhere; } h2 { font-size: 18px; margin: 36px 0 10px; }
h3 { font-size: 15px; margin: 18px 0 6px; }
p { margin: 4px 0 10px; max-width: 90ch; } .quiet { color: var(--quiet); }
a { color: inherit; text-underline-offset: 2px; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
.notice { border-left: 4px solid var(--warned); padding: 2px 0 2px 12px; margin: 10px 0; }
.numbers { display: flex; flex-wrap: wrap; gap: 10px; margin: 18px 0; padding: 0; list-style: none; }
.numbers li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px 16px; }
.numbers b { display: block; font-size: 22px; line-height: 1.2; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  margin: 0 0 14px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: 6px 10px; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
thead th { border-top: 0; color: var(--quiet); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 400; }
td.n, th.n { text-align: right; } td.n { white-space: nowrap; }
td img { display: block; width: 200px; max-height: 130px; aspect-ratio: auto 2.3;
  object-fit: cover; object-position: top; border-radius: 5px; }
th button { all: unset; cursor: pointer; color: inherit; font: inherit; }
th button:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
th button::after { content: "\\00A0\\2195"; opacity: .55; }
th[aria-sort=ascending] button::after { content: "\\00A0\\2191";
  opacity: 1; } th[aria-sort=descending] button::after { content: "\\00A0\\2193"; opacity: 1; }
.status { font-weight: 600; white-space: nowrap; } .ok { color: var(--ok); } .warned { color: var(--warned); }
.rejected { color: var(--rejected); } .failed { color: var(--failed); }
.status::before { content: "\\25CF\\00A0"; } .status.warned::before { content: "\\25B2\\00A0"; }
.status.rejected::before { content: "\\25A0\\00A0"; } .status.failed::before { content: "\\2715\\00A0"; }
.status.skipped::before { content: "\\25CB\\00A0"; }
code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; } table code { white-space: nowrap; }
ul.plain { margin: 0 0 10px; padding: 0; list-style: none; } ul.plain li { margin: 0 0 4px; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 8px 0; padding: 0; list-style: none; }
html:not(.script) .by-script { display: none; }
@page { margin: 14mm 12mm 16mm; @bottom-left { content: "Research use only. Not a medical device.";
  font: 8px system-ui, sans-serif; color: #5c6873; } }
@media print { body { background: #fff; font-size: 11px; } main { padding: 0; max-width: none; } td, th {
  padding: 3px 8px; } .scroll { overflow: visible; border: 0; border-radius: 0; } .scroll, .numbers li, tr, figure,
  .numbers { break-inside: avoid; } table .scroll { break-inside: auto; } h2, h3 { break-after: avoid; }
  .by-script, .screen { display: none !important; } th button::after { content: "" !important; }
  td img { width: 130px; } .numbers li { padding: 4px 10px; } .numbers b { font-size: 15px; } }
"""

CASE_STYLE = """
.views { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(260px, 100%), 1fr)); gap: 12px;
  margin: 10px 0; }
.tile { margin: 0; min-width: 0; max-width: 460px; }
.tile svg { display: block; width: 100%; height: auto; border-radius: 6px; background: #000; }
.tile figcaption { font-size: 13px; color: var(--quiet); margin-top: 4px; }
.tile input[type=range] { width: 100%; margin: 8px 0 0; accent-color: var(--focus); height: 22px; }
.tile text { fill: #ebf0f5; font-family: system-ui, sans-serif; paint-order: stroke; stroke: #000;
  stroke-width: .2em; stroke-linejoin: round; }
.slice { display: none; } .slice.on { display: inline; }
.ring, .axis, .cut, .bar, .under-bar { fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.shade { stroke: #000; stroke-opacity: .65; stroke-width: 3.6px; } .edge { stroke: #ffcd28; stroke-width: 1.8px; }
.axis { stroke: #56b4e9; stroke-width: 1.6px; } .axis.short { stroke-dasharray: 4 3; }
.cut { stroke: #ebf0f5; stroke-opacity: .7; stroke-width: 1px; stroke-dasharray: 6 5; }
.place { fill: none; stroke: #ffcd28; stroke-width: 1.4px; stroke-dasharray: 5 4;
  vector-effect: non-scaling-stroke; }
.bar { stroke: #ebf0f5; stroke-width: 2.5px; } .under-bar { stroke: #000; stroke-opacity: .65; stroke-width: 5px;
  stroke-linecap: square; } .spot { fill: #ffcd28; stroke: #000; stroke-width: .06em; }
.soft { display: none; }
:root:has(#window-soft:checked) .lung { display: none; }
:root:has(#window-soft:checked) .soft { display: inline; }
:root:has(#show-outline:not(:checked)) :is(.edge, .shade) { visibility: hidden; }
:root:has(#show-axes:not(:checked)) :is(.axis) { visibility: hidden; }
.look { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: 4px 22px; align-items: center;
  border: 1px solid var(--line); border-radius: 8px; background: var(--card); margin: 14px 0; padding: 7px 14px; }
.look fieldset { border: 0; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: 4px 14px; }
.look legend { float: left; padding: 0 14px 0 0; color: var(--quiet); }
.look label { white-space: nowrap; }
.finding { scroll-margin-top: 70px; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(330px, 100%), 1fr)); gap: 12px;
  align-items: start; }
.facts td:nth-child(2):not(:last-child) { white-space: nowrap; font-weight: 600; }
.facts td:nth-child(2):last-child { overflow-wrap: anywhere; }
.facts tbody th { width: 1%; white-space: nowrap; } .facts .scroll { min-width: 0; }
.facts td, .facts th { padding: 4px 12px; }
.facts td:nth-child(3) { color: var(--quiet); }
.facts caption { text-align: left; font-weight: 600; padding: 8px 12px 6px; }
.where { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 2fr); gap: 16px; align-items: start; }
@media screen and (max-width: 800px) { .facts tbody th { white-space: normal; } .look { position: static; }
  .where { grid-template-columns: minmax(0, 1fr); } .tile { max-width: 520px; } }
@media print { .views { grid-template-columns: repeat(auto-fit, minmax(48mm, 1fr)); gap: 3mm; } .tile {
  max-width: 52mm; } .facts { grid-template-columns: 1fr 1fr; font-size: 9.5px; } h2 { margin-top: 18px; }
  .finding { break-inside: avoid; } .tile figcaption { font-size: 9.5px; }
  .where { grid-template-columns: 60mm 1fr; } .facts td, .facts th { padding: 1px 6px; }
  svg, svg * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
"""
