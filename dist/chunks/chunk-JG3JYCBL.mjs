import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{k as a,l as o,n as d,o as c,v as s}from"./chunk-PDASXPUK.mjs";import{j as i}from"./chunk-6QR2ENFO.mjs";import{a as r}from"./chunk-LBN7ZYNP.mjs";var p={"validate-data":"data","train-on-gpu-runner":"train","evaluate-gate":"gate","register-model":"register","canary-deploy":"canary","drift-check":"drift"};function m(t){let e=t.heading.startsWith(`${t.name}:`)?t.heading:`${t.name}: ${t.heading}`;return`${a(e)} ${i(t.verdict)}`}r(m,"headingLine");function g(t){let n=d(t.footer," \xB7 ").text;return c(t.summary,...t.details.map(e=>s(e.title,e.body)),o(n===""?"":`<sub>${n}</sub>`)).text}r(g,"sectionBody");function u(t){return`### ${m(t)}

${g(t)}
`}r(u,"renderSection");export{p as a,m as b,g as c,u as d};
