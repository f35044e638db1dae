import { MOST_NUMERIC_COLUMNS } from './html.ts';

const numericColumns = Array.from(
  { length: MOST_NUMERIC_COLUMNS },
  (_, index) => `.right-${index + 1} tr>:nth-child(${index + 1})`,
).join(',');

/**
 * The page's only style sheet. Champion blue and challenger orange are told apart by colour-blind readers too and
 * have a contrast of at least 4.5 to the background in both schemes.
 */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--grid:#e6e9ed;--band:#eef1f4;--champion:#0a5cad;--challenger:#b04a00;--bad:#b3261e;--good:#136c2e;--plain:#57606a;--focus:#0a5cad;--broken:#fbdcd9;--unsure:#fcf0c4;--lower:#fde6d2;--gain:#d5efdc}
@media (prefers-color-scheme:dark){:root{--paper:#12161b;--ink:#e6e9ed;--soft:#a5aeb8;--line:#3b434d;--grid:#262c34;--band:#1d2329;--champion:#6cb2ff;--challenger:#ff9f4a;--bad:#ff8078;--good:#5fd07f;--plain:#a5aeb8;--focus:#6cb2ff;--broken:#5c211d;--unsure:#4a3d12;--lower:#53330f;--gain:#17432a}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
h1{font-size:1.6rem;line-height:1.2;margin:.5rem 0}
h2{font-size:1.35rem;margin:2.5rem 0 .5rem;padding-top:.5rem;border-top:2px solid var(--line)}
h3{font-size:1.1rem;margin:2rem 0 .25rem}
h4{font-size:1rem;margin:1.25rem 0 .25rem}
p{margin:.4rem 0;max-width:46rem}
.soft,caption,figcaption{color:var(--soft);font-size:.875rem}
code{font-family:ui-monospace,SFMono-Regular,Menlo,monospace;font-size:.875em}
a{color:var(--champion)}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:.25rem 0 1rem}
.verdict{font-weight:600;white-space:nowrap}
.verdict.fail,.verdict.error{color:var(--bad)}.verdict.pass{color:var(--good)}
.scroll{overflow-x:auto;margin:.5rem 0;max-width:100%}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:.25rem 0;white-space:nowrap}
th,td{padding:.25rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top;overflow-wrap:normal}
th{color:var(--soft);font-weight:600}
td:first-child,tbody th{min-width:6.5rem;max-width:14rem;overflow-wrap:break-word}td:nth-child(n+7):last-child{min-width:9rem}
td.number,th.number,${numericColumns}{text-align:right;white-space:nowrap}
.nowrap{white-space:nowrap}
strong.champion,caption .champion{color:var(--champion);font-weight:600}strong.challenger,caption .challenger{color:var(--challenger);font-weight:600}
.loud{border-left:4px solid var(--bad);padding-left:.75rem}
tbody th{color:var(--ink);font-weight:400}
.heat th[scope=row],.matrix th[scope=row]{min-width:6.5rem}.heat td[class]:not(.number){min-width:7rem}.heat td,.matrix td{border:1px solid var(--line)}
.matrices{display:flex;flex-wrap:wrap;gap:.25rem 2rem}.matrices>*{min-width:0}
.broken{background:var(--broken)}.unsure{background:var(--unsure)}.lower{background:var(--lower)}.gain{background:var(--gain)}
.matrix td{min-width:5rem}.matrix td .soft{color:inherit}
.matrix.champion{--tone:var(--champion)}.matrix.challenger{--tone:var(--challenger)}
.shade1{background:color-mix(in srgb,var(--tone) 5%,var(--paper))}.shade2{background:color-mix(in srgb,var(--tone) 11%,var(--paper))}.shade3{background:color-mix(in srgb,var(--tone) 17%,var(--paper))}.shade4{background:color-mix(in srgb,var(--tone) 23%,var(--paper))}.shade5{background:color-mix(in srgb,var(--tone) 29%,var(--paper))}
.diff{font:.8125rem/1.45 ui-monospace,SFMono-Regular,Menlo,monospace;padding:.5rem;border:1px solid var(--line);overflow-wrap:normal}
.added{color:var(--good)}.removed{color:var(--bad)}
details{margin:.5rem 0}
summary{cursor:pointer;padding:.15rem 0}
figure{margin:.75rem 0;min-width:0}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,20.5rem),1fr));gap:.5rem 1.5rem;align-items:start}
.charts.small{grid-template-columns:repeat(auto-fill,minmax(min(100%,14rem),1fr))}
svg{display:block;width:100%;height:auto;max-width:100%;overflow:visible}
svg.spark{width:132px;min-width:132px;height:30px}
svg.wide{min-width:40rem;max-width:48rem}
svg text{font:11px system-ui,-apple-system,"Segoe UI",sans-serif;fill:var(--soft);paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
svg text.name{fill:var(--ink);font-weight:600}
svg .axis{stroke:var(--line)}svg .grid{stroke:var(--grid)}
svg .limit{stroke:var(--bad);stroke-dasharray:5 3;fill:none}svg text.limit-name{fill:var(--bad)}
svg .goal{stroke:var(--good);stroke-dasharray:5 3;fill:none}svg text.goal-name{fill:var(--good)}
svg .guide{stroke:var(--soft);stroke-dasharray:2 3;fill:none}
svg .band{fill:var(--band)}
svg .line{fill:none;stroke-width:2;stroke-linejoin:round}
svg .thin{stroke-width:1.25}
svg .dashed{stroke-dasharray:4 3}
svg .event{stroke:var(--soft);stroke-width:1}
svg .champion.line,svg .champion.stroke{stroke:var(--champion)}svg .champion.fill,svg text.champion{fill:var(--champion)}
svg .challenger.line,svg .challenger.stroke{stroke:var(--challenger)}svg .challenger.fill,svg text.challenger{fill:var(--challenger)}
svg .plain.line,svg .plain.stroke{stroke:var(--plain)}svg .plain.fill,svg text.plain{fill:var(--plain)}
svg .bad.line,svg .bad.stroke{stroke:var(--bad)}svg .bad.fill,svg text.bad{fill:var(--bad)}
svg .good.line,svg .good.stroke{stroke:var(--good)}svg .good.fill,svg text.good{fill:var(--good)}
svg .ring{fill:var(--paper);stroke-width:2.5}svg .champion.ring{stroke:var(--champion)}svg .challenger.ring{stroke:var(--challenger)}
svg tspan.champion{fill:var(--champion)}svg tspan.challenger{fill:var(--challenger)}svg tspan.plain{fill:var(--plain)}
svg .faint{opacity:.2}svg .pale{opacity:.5}
.roomy{display:inline-block;min-width:15rem}
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--line:#aaa;--grid:#ddd;--band:#eee;--champion:#0a5cad;--challenger:#b04a00;--bad:#b3261e;--good:#136c2e;--plain:#444;--broken:#fbdcd9;--unsure:#fcf0c4;--lower:#fde6d2;--gain:#d5efdc}body{max-width:none;font-size:11pt}nav{display:none}figure,table,h3{break-inside:avoid}h2,h3,h4{break-after:avoid}.scroll{overflow:visible}svg.spark{width:132px;min-width:132px;height:30px}
svg.wide{min-width:0}}
`;
