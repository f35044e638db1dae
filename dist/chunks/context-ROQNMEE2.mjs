import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{askedPullRequest,findPullRequest,readContext}from"./chunk-AS54NH7F.mjs";import"./chunk-JMH4LUYM.mjs";import"./chunk-2Z2CU6QK.mjs";export{askedPullRequest,findPullRequest,readContext};
