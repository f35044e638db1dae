import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
var capitalized=text=>`${text.charAt(0).toUpperCase()}${text.slice(1)}`;export{capitalized};
