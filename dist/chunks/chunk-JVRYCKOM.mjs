import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
function importOf(dotted){let[,module="",name=dotted]=/^(.*)\.([^.]*)$/.exec(dotted)??[];return{module,name}}export{importOf};
