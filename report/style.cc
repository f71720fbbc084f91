#include "report/style.h"

namespace superion::report {

const char kStyle[] = R"css(
:root { --ink: #1c2430; --soft: #5a6675; --line: #dfe4ea; --tint: #f5f7fa; --blue: #0072B2; --green: #00684d;
  --open: #9a4200; }
* { box-sizing: border-box; }
html { background: #eef1f5; }
body { margin: 0 auto; max-width: 1120px; padding: 32px 40px 56px; background: #fff; color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", Arial, sans-serif; }
header { border-bottom: 3px solid var(--blue); padding-bottom: 14px; margin-bottom: 22px; }
header .kind { color: var(--blue); font-weight: 600; letter-spacing: .06em; text-transform: uppercase; font-size: 12px; }
h1 { font-size: 30px; line-height: 1.2; margin: 2px 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 21px; margin: 38px 0 10px; padding-bottom: 5px; border-bottom: 1px solid var(--line); }
h3 { font-size: 16px; margin: 22px 0 6px; }
h4 { font-size: 14px; margin: 16px 0 4px; }
p { margin: 6px 0 10px; max-width: 82ch; }
sub, sup { line-height: 0; font-size: 75%; }
.soft, figcaption, .note { color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(215px, 1fr)); gap: 12px; margin: 14px 0; }
.card { border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; background: var(--tint); }
.card h3 { margin: 0; font-size: 12.5px; font-weight: 600; color: var(--soft); }
.card .value { font-size: 23px; font-weight: 650; line-height: 1.3; margin: 2px 0; font-variant-numeric: tabular-nums; }
.card .value small { font-size: 14px; font-weight: 500; color: var(--soft); }
.card .note { font-size: 13px; line-height: 1.4; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(430px, 1fr)); gap: 16px 22px; margin: 10px 0; }
.grid.three { grid-template-columns: repeat(auto-fit, minmax(310px, 1fr)); } .grid.three figcaption { padding-left: 50px; }
figure { margin: 0; break-inside: avoid; min-width: 0; }
figcaption { font-size: 13px; line-height: 1.45; padding: 2px 8px 0 66px; max-width: 540px; }
svg { max-width: 100%; height: auto; display: block; overflow: visible; font-family: inherit; }
svg svg { overflow: hidden; }
svg .major { stroke: #e2e6eb; stroke-width: 1; fill: none; }
svg .minor { stroke: #f2f4f6; stroke-width: 1; fill: none; }
svg .frame { fill: none; stroke: #4a5563; stroke-width: 1.2; }
svg .tick, svg .legend { font-size: 12px; fill: #333c48; }
svg .title { font-size: 13px; fill: var(--ink); font-weight: 500; }
svg .diagonal { stroke: #4a5563; stroke-width: 1.2; stroke-dasharray: 5 4; fill: none; }
.scroll { overflow-x: auto; margin: 10px 0 16px; }
table { border-collapse: collapse; font-size: 13.5px; line-height: 1.4; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: 4px 0 6px; caption-side: top; }
th { text-align: left; font-weight: 600; color: var(--soft); border-bottom: 2px solid var(--line); padding: 5px 12px 5px 0;
  vertical-align: bottom; font-size: 12.5px; }
td { border-bottom: 1px solid var(--line); padding: 5px 12px 5px 0; vertical-align: top; overflow-wrap: anywhere; }
td:first-child { overflow-wrap: normal; }
th.n, td.n { text-align: right; overflow-wrap: normal; }
td.n { white-space: nowrap; }
tr { break-inside: avoid; }
.chip { display: inline-block; border-radius: 20px; padding: 1px 10px; font-size: 12px; font-weight: 600; white-space: nowrap;
  border: 1px solid; line-height: 1.6; }
.chip.good { color: var(--green); background: #e3f4ee; border-color: #9fd6c4; }
.chip.open { color: var(--open); background: #fdf0e5; border-color: #edc39c; }
.missing { background: var(--tint); border-left: 4px solid #b6c0cc; padding: 7px 12px; color: var(--soft); max-width: none; }
.needs { background: #fdf6ec; border-left: 4px solid #E69F00; padding: 9px 14px; border-radius: 0 6px 6px 0; }
.needs ul { margin: 4px 0 2px; padding-left: 20px; }
details { border: 1px solid var(--line); border-radius: 8px; padding: 4px 14px; margin: 12px 0; }
details > summary { cursor: pointer; font-weight: 600; padding: 6px 0; }
code, .mono { font: 12.5px/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
footer { margin-top: 44px; padding-top: 12px; border-top: 1px solid var(--line); color: var(--soft); font-size: 12.5px; }
a.csv { font-size: 11.5px; color: var(--blue); text-decoration: none; border: 1px solid var(--line); border-radius: 4px; padding: 0 5px; }
nav { font-size: 13.5px; margin-top: 8px; } nav a { color: var(--blue); text-decoration: none; margin-right: 16px; }
@media (max-width: 720px) { body { padding: 18px 16px 40px; } .grid { grid-template-columns: 1fr; } figcaption { padding-left: 4px; } }
@media print { html { background: #fff; } body { max-width: none; padding: 0; font-size: 11.5px; } nav, a.csv { display: none; }
  h2, h3, summary { break-after: avoid; } .card, figure, table { break-inside: avoid; } .grid { grid-template-columns: 1fr 1fr; } .grid.three { grid-template-columns: 1fr 1fr 1fr; }
  details { border: none; padding: 0; } * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
)css";

}  // namespace superion::report
