import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{askedPullRequest,findPullRequest,readContext}from"./chunk-L7JVSE7J.mjs";import"./chunk-ZLMAGNJ4.mjs";import"./chunk-PLGI4CXG.mjs";export{askedPullRequest,findPullRequest,readContext};
