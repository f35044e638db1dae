import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{replaceEach}from"./chunk-RWZHCES7.mjs";var OF_PYTHON=/\r\n|[\n\v\f\r\x1c-\x1e\x85\u2028\u2029]/,OF_PYYAML=/\r\n?|[\x85\u2028\u2029]/g,linesOfPython=text=>text.split(OF_PYTHON),withLineFeeds=text=>replaceEach(text,OF_PYYAML,()=>`
`);export{linesOfPython,withLineFeeds};
