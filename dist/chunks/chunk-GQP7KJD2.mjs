import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{_enum,number,union}from"./chunk-ATB4N3T5.mjs";var metricValueSchema=union([number(),_enum(["NaN","Infinity","-Infinity"])]);function metricValue(value){return Number.isFinite(value)?value:Number.isNaN(value)?"NaN":value>0?"Infinity":"-Infinity"}export{metricValueSchema,metricValue};
