import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{scanText}from"./chunk-VTDPIRLQ.mjs";import"./chunk-HKVNDMZ3.mjs";import"./chunk-KZPEPREZ.mjs";import"./chunk-PRPSCUBY.mjs";import"./chunk-PLGI4CXG.mjs";export{scanText};
