import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{readSqlite,requireDistinct}from"./chunk-54DO3Y5I.mjs";import"./chunk-YU3OXZEG.mjs";import"./chunk-KHQQJEWM.mjs";import"./chunk-QVDTL2P2.mjs";import"./chunk-TDTQTCXJ.mjs";import"./chunk-LF6PXUJV.mjs";import"./chunk-PLGI4CXG.mjs";export{readSqlite,requireDistinct};
