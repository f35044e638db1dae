import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{readSqlite,requireDistinct}from"./chunk-M3BJ637I.mjs";import"./chunk-NNBPD54H.mjs";import"./chunk-37NYMSB5.mjs";import"./chunk-PMAHPWCQ.mjs";import"./chunk-TDTQTCXJ.mjs";import"./chunk-IQWOML2P.mjs";import"./chunk-PLGI4CXG.mjs";export{readSqlite,requireDistinct};
