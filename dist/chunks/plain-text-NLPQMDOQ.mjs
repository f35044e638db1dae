import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{refuseBlanks,scanText}from"./chunk-3VE2NTSN.mjs";import"./chunk-BTNBYUJC.mjs";import"./chunk-BIH3P3KI.mjs";import"./chunk-SBZHIS4O.mjs";import"./chunk-ZE32KBRS.mjs";import"./chunk-KZPEPREZ.mjs";import"./chunk-JUTYBJXS.mjs";import"./chunk-PLGI4CXG.mjs";export{refuseBlanks,scanText};
