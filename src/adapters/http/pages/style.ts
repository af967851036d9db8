import { hash } from 'node:crypto';

// Colours are explicit in both modes: with implied ones, tools that judge contrast are wrong about links in the dark.
export const STYLE = `
:root{color-scheme:light dark;--back:#fff;--card:#f4f6f8;--text:#1a1d21;--soft:#4a5159;--line:#767d86;--link:#0a57a8;--on:#fff;--bad:#a3180f}
@media (prefers-color-scheme:dark){:root{--back:#14171a;--card:#1f2429;--text:#eceff2;--soft:#b9c1ca;--line:#8a929b;--link:#8cc2ff;--on:#0b1620;--bad:#ff9d94}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:1rem/1.55 system-ui,sans-serif}
header,main{max-width:44rem;margin:0 auto;padding:0 1rem}
header{padding-top:1rem;text-align:right}
h1{font-size:1.75rem;line-height:1.25;margin:.5rem 0 1rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:0 0 .5rem}
h3{font-size:1rem;margin:1.25rem 0 .25rem}
p,ol{margin:.5rem 0}
ol{padding-left:1.6rem}
li{margin:.3rem 0;overflow-wrap:anywhere}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
form,section,.scan{display:flow-root}
form,section{background:var(--card);border-radius:.75rem;padding:1rem 1.25rem;margin:1rem 0}
label{display:block;font-weight:600;margin-top:.5rem}
input{width:100%;font:inherit;padding:.6rem;border:1px solid var(--line);border-radius:.4rem;background:var(--back);color:var(--text)}
button,.button{display:inline-block;font:inherit;font-weight:600;margin:1rem 0 .5rem;padding:.65rem 1.25rem;border:0;border-radius:.4rem;background:var(--link);color:var(--on);text-decoration:none;cursor:pointer}
.soft{color:var(--soft)}
.problem{color:var(--bad);font-weight:600}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:0 1.25rem;padding:0;margin:.25rem 0}
nav p{font-weight:600;margin-bottom:0}
nav a{display:inline-block;padding:.35rem 0}
figure{float:right;width:min-content;margin:0 0 .5rem 1.25rem}
figcaption{font-size:.875rem;line-height:1.4;margin-top:.25rem}
svg{display:block;border-radius:.4rem}
table{width:100%;border-collapse:collapse;margin:1rem 0}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.45rem 0;border-top:1px solid var(--line)}
th{width:9.5rem;padding-right:1rem;font-weight:400;color:var(--soft)}
td{overflow-wrap:anywhere;user-select:all;-webkit-user-select:all}
@media (max-width:40rem){figure,.scan{display:none}th{width:7rem;padding-right:.5rem;font-size:.875rem}header,main{padding:0 .5rem}form,section{padding:.75rem}}
@media print{form,nav,header,.button{display:none}body{font-size:.9rem}section{background:none;break-inside:avoid;padding:0}}
`;

/** What a browser lets this style pass by (CSP Level 3, "hash-source"), and nothing else. */
export const STYLE_SOURCE = `'sha256-${hash('sha256', STYLE, 'base64')}'`;
