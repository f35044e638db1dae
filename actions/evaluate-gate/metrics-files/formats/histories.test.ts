/** Histories of trainings: which step counts, and that it is said. */
import { describe, expect, test } from 'vitest';
import { readSample, readText } from '../../fixtures/metrics-samples.ts';

describe('Hugging Face', () => {
  test("the trainer's best step counts, and the note says which and why", async () => {
    const { values, notes } = await readSample('hugging-face/trainer_state.json');
    expect(values).toMatchObject({
      eval_accuracy: 0.9833333333333333,
      eval_loss: 0.07781374454498291,
      loss: 0.2584388017654419,
    });
    expect(notes).toEqual([
      "hugging-face/trainer_state.json is a history: its values at the trainer's best step 20 are judged, chosen by eval_accuracy",
    ]);
  });

  test('without a best step the last counts; older files name only the checkpoint', async () => {
    const log = '"log_history": [{"step": 5, "eval_loss": 0.2}, {"step": 9, "eval_loss": 0.3}]';
    const last = await readText(`{"best_metric": null, ${log}}`);
    expect([last.numbers.get('eval_loss')?.value, last.notes[0]]).toEqual([
      0.3,
      'm.json is a history: its last values are judged, of step 9',
    ]);
    const best = await readText(`{"best_metric": 0.2, "best_model_checkpoint": "out/checkpoint-5", ${log}}`);
    expect(best.numbers.get('eval_loss')?.value).toBe(0.2);
  });
});

describe('Lightning and Keras', () => {
  test('empty fields are no values, and each metric is of its own last step', async () => {
    const { values, notes } = await readSample('lightning/metrics.csv');
    expect(values).toEqual({
      test_acc: 0.8399999737739563,
      test_loss: 0.41798117756843567,
      train_loss: 0.4855939447879791,
      val_acc: 0.8666666746139526,
      val_loss: 0.37443211674690247,
    });
    expect(notes).toEqual([
      "lightning/metrics.csv is a history: its last values are judged, of step 15 to 18, each metric's own last",
    ]);
  });

  test('both files of Keras say the same, and which numbers are of the training rows', async () => {
    const [json, csv] = [await readSample('keras/history.json'), await readSample('keras/history.csv')];
    expect(csv.values).toEqual(json.values);
    expect(json.numbers.get('val_auc')).toEqual({ value: 0.5136678814888 });
    expect(json.numbers.get('auc')).toEqual({ value: 0.46674102544784546, ofTraining: true });
    expect(json.notes).toEqual(['keras/history.json is a history: its last values are judged, of epoch 3']);
  });

  test('NaN and infinities of tables; a step that is none; a table of one line', async () => {
    const { numbers } = await readText('step,epoch,a,b,c\n0,0,nan,-inf,x\n', 'm.csv');
    expect([...numbers].map(([key, { value }]) => [key, value])).toEqual([
      ['a', Number.NaN],
      ['b', Number.NEGATIVE_INFINITY],
    ]);
    await expect(readText('step,epoch,a\none,0,1\n', 'm.csv')).rejects.toThrow(/the step "one"/);
    expect(await readText('model,auc\nforest,0.9\n', 'm.csv')).toEqual({
      numbers: new Map([['auc', { value: 0.9 }]]),
      notes: [],
    });
  });
});
