import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{attemptId,concludeEarlierAttempts,concludeLeftCheckRun}from"./chunk-MGWTW6DB.mjs";import"./chunk-GHERCM75.mjs";import"./chunk-PLGI4CXG.mjs";export{attemptId,concludeEarlierAttempts,concludeLeftCheckRun};
