import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{MOST_FAILURES,patientCounts}from"./chunk-WQDP3NVJ.mjs";import"./chunk-LF6PXUJV.mjs";import"./chunk-PLGI4CXG.mjs";export{MOST_FAILURES,patientCounts};
