import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);
import{digestPrefix}from"./chunk-OW7JD4PX.mjs";var isProfileName=path=>/(^|[\\/])DataProfile-[^\\/]*\.json$/.test(path);function validationBeside(path,digest){return`${/^.*[\\/]/s.exec(path)?.[0]??""}DataValidation-${digestPrefix(digest)}.json`}export{isProfileName,validationBeside};
