import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{refuseBlanks,scanText}from"./chunk-TZTJ62IL.mjs";import"./chunk-BTNBYUJC.mjs";import"./chunk-23NSAY3M.mjs";import"./chunk-EQUD5SB4.mjs";import"./chunk-ZE32KBRS.mjs";import"./chunk-PLX3ZZ2Y.mjs";import"./chunk-2YLUV6HQ.mjs";import"./chunk-PLGI4CXG.mjs";export{refuseBlanks,scanText};
