import { runAction } from '../../shared/runtime/run-action.ts';
import { definition } from './main.ts';

await runAction(definition);
