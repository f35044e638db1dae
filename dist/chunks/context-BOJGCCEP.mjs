import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{askedPullRequest,findPullRequest,readContext}from"./chunk-GQ4UD22B.mjs";import"./chunk-ATB4N3T5.mjs";import"./chunk-PLGI4CXG.mjs";export{askedPullRequest,findPullRequest,readContext};
