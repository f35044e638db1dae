import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{refuseBlanks,scanText}from"./chunk-LZMAQ4O6.mjs";import"./chunk-HKTQ55HF.mjs";import"./chunk-ZE32KBRS.mjs";import"./chunk-KZPEPREZ.mjs";import"./chunk-PLGI4CXG.mjs";export{refuseBlanks,scanText};
