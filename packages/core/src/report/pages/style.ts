import { palette } from '../figures/draw.ts';

/** The report's only style sheet. Light and dark by the reader's preference; paper is always light. */
export const style = `
:root{color-scheme:light dark;--back:#fff;--text:#1b1d22;--soft:#5a5f6a;--line:#d5d8de;--tint:#f4f5f7;--mark:#fff3d6;--mark-line:#b07a00}
@media screen and (prefers-color-scheme:dark){:root{--back:#16181d;--text:#e8e9ec;--soft:#a6abb6;--line:#3a3e47;--tint:#1f2228;--mark:#3a2f12;--mark-line:#d9a520}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
main,header,footer{max-width:72rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.5rem}
main,footer{padding-bottom:3rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .75rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;line-height:1.3;margin:2.5rem 0 .75rem}
h3{font-size:.95rem;margin:0 0 .25rem;overflow-wrap:anywhere}
p,ul{margin:.5rem 0;max-width:48rem}
ul{padding-left:1.25rem}
li{overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.5rem 0}
dt{color:var(--soft)}
dd{margin:0;min-width:0;overflow-wrap:anywhere}
code{font:.85em ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.banner{border:1px solid var(--mark-line);border-left-width:6px;background:var(--mark);padding:.6rem .9rem;border-radius:4px;max-width:none}
.note,figcaption,caption{color:var(--soft);font-size:.9rem}
.scroll{overflow-x:auto;margin:.75rem 0;border:1px solid var(--line);border-radius:6px}
.scroll:focus-visible{outline:3px solid ${palette.first};outline-offset:2px}
table{border-collapse:separate;border-spacing:0;width:100%;font-variant-numeric:tabular-nums;font-size:.9rem}
caption{text-align:left;padding:.6rem .55rem}
caption span{display:inline-block;position:sticky;left:.55rem;max-width:calc(100vw - 4rem)}
th,td{padding:.35rem .55rem;text-align:right;white-space:nowrap;border-top:1px solid var(--line)}
thead th{font-weight:600;background:var(--tint);vertical-align:bottom}
thead th[scope=colgroup]{text-align:center;border-left:1px solid var(--line)}
th:first-child[scope=row],thead tr:first-child th:first-child{text-align:left;position:sticky;left:0;background:var(--back);font-weight:600}
thead tr:first-child th:first-child{background:var(--tint)}
th[scope=row]{max-width:14rem;overflow:hidden;text-overflow:ellipsis}
.songs th[scope=row]{min-width:8.5rem;white-space:normal;overflow-wrap:anywhere}
figure{margin:.75rem 0}
.panels{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1.25rem 1.5rem}
.panel{min-width:0;max-width:30rem}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:0 1.5rem}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{white-space:pre}
figcaption{margin-top:.5rem;max-width:48rem}
.keys{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0;font-size:.9rem}
.keys li::before{content:"";display:inline-block;width:1.6em;margin-right:.5em;vertical-align:middle;border-top:3px solid ${palette.first}}
.keys .second::before{border-top-color:${palette.second}}
.keys .dashed::before{border-top-style:dashed}
.keys .bar::before{border-top-width:.8em}
.keys .plain::before{border-top:2px dashed currentColor}
.keys .dotted::before{border-top:2px dotted currentColor}
.keys .thin::before{border-top:2px solid currentColor}
.keys .upright::before{width:3px;height:1em;border:0;background:currentColor}
.keys .ring::before{width:.75em;height:.75em;border:2px solid ${palette.second};border-radius:50%}
.keys .grey::before{width:1em;height:.7em;border:0;background:currentColor;opacity:.55}
.keys .block::before{width:1em;height:.7em;border:0;background:${palette.first}}
.keys .cross::before{content:"\\00d7";width:1em;border:0;font-weight:700;line-height:1}
.keys .second.cross::before{color:${palette.second}}
.keys .dot::before{width:.55em;height:.55em;border:0;border-radius:50%;background:${palette.first}}
.keys .third::before{border-top-color:${palette.third}}
.keys .fourth::before{border-top-color:${palette.fourth}}
.keys .square::before{width:.55em;height:.55em;border:0;background:${palette.second}}
.keys .open::before{width:.7em;height:.7em;border:2px solid currentColor;border-radius:50%}
.keys .hairline::before{border-top:1px solid currentColor;opacity:.5}
.keys .faint::before{width:.35em;height:.35em;border:0;border-radius:50%;background:currentColor;opacity:.5}
.keys .band::before{border-top-width:.8em;opacity:.25}
.wide{min-width:44rem;max-width:60rem;padding:.5rem}
@media print{body{font-size:10pt}main,header,footer{max-width:none;padding:0}.scroll{overflow:visible;border:0}caption span{max-width:none}table{font-size:7.5pt}th,td{padding:2pt 4pt}.panel,figure,tr,.banner{break-inside:avoid}.wide{min-width:0}h2,h3,.keys{break-after:avoid}.panels{grid-template-columns:repeat(3,1fr)}.panel:only-child{grid-column:span 2}.pair{grid-template-columns:1fr 1fr}.pair .panels{grid-template-columns:1fr}.pair .panel{grid-column:auto}.keys li::before,.banner{print-color-adjust:exact}}
`;
