import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{scanLzma,unpackLzma,unpackZipLzma}from"./chunk-PLE3RIHW.mjs";import"./chunk-HGPDHJCE.mjs";import"./chunk-L7ZHFZNH.mjs";import"./chunk-IPSUQ4V3.mjs";import"./chunk-N5IJ5K33.mjs";import"./chunk-PLGI4CXG.mjs";export{scanLzma,unpackLzma,unpackZipLzma};
