import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{ANY_DECIMAL,csvField,loadDatabaseRows}from"./chunk-YU3OXZEG.mjs";import"./chunk-KHQQJEWM.mjs";import"./chunk-QVDTL2P2.mjs";import"./chunk-TDTQTCXJ.mjs";import"./chunk-LF6PXUJV.mjs";import"./chunk-PLGI4CXG.mjs";export{ANY_DECIMAL,csvField,loadDatabaseRows};
