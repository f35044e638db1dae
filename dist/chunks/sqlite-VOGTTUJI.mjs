import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{readSqlite,requireDistinct}from"./chunk-N75DBADT.mjs";import"./chunk-G6UTWI4B.mjs";import"./chunk-KHQQJEWM.mjs";import"./chunk-VC5255KD.mjs";import"./chunk-TDTQTCXJ.mjs";import"./chunk-LF6PXUJV.mjs";import"./chunk-PLGI4CXG.mjs";export{readSqlite,requireDistinct};
