import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{openObjectStore}from"./chunk-YIFOQVZB.mjs";import"./chunk-XWE7QQ3H.mjs";import"./chunk-LF6PXUJV.mjs";import"./chunk-PLGI4CXG.mjs";export{openObjectStore};
