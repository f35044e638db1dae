import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{scanBzip2,unpackBzip2}from"./chunk-DQJFMMO5.mjs";import"./chunk-TITFLHE3.mjs";import"./chunk-IPSUQ4V3.mjs";import"./chunk-N5IJ5K33.mjs";import"./chunk-PLGI4CXG.mjs";export{scanBzip2,unpackBzip2};
