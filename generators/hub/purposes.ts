// Tags, architectures and files by which repositories that no engine here serves are known. Sources: tasks.ts and the library list of
// huggingface.js (@huggingface/tasks), class names of transformers, file names of the programs that write them.

export const speech = 'turns speech into text'

/** Tags whose models answer no text, whatever their architecture; the verb of the message. */
export const doings: Readonly<Record<string, string>> = {
  'automatic-speech-recognition': speech,
  'text-to-speech': 'turns text into speech',
  'text-to-audio': 'makes sounds',
  'audio-to-audio': 'changes sounds',
  'audio-classification': 'classifies sounds',
  'audio-text-to-text': 'answers questions about sounds',
  'voice-activity-detection': 'listens for speech',
  'text-to-image': 'generates images',
  'image-to-image': 'generates images',
  'image-text-to-image': 'generates images',
  'unconditional-image-generation': 'generates images',
  'text-to-video': 'generates video',
  'image-to-video': 'generates video',
  'image-text-to-video': 'generates video',
  'video-to-video': 'generates video',
  'text-to-3d': 'generates 3D objects',
  'image-to-3d': 'generates 3D objects',
  'image-classification': 'classifies images',
  'video-classification': 'classifies video',
  'object-detection': 'finds objects in images',
  'image-segmentation': 'finds regions of images',
  'mask-generation': 'finds regions of images',
  'keypoint-detection': 'finds points in images',
  'depth-estimation': 'estimates depths in images',
  'zero-shot-image-classification': 'classifies images',
  'zero-shot-object-detection': 'finds objects in images',
  'image-feature-extraction': 'embeds images',
  'visual-document-retrieval': 'finds pages by their image',
  'tabular-classification': 'classifies rows of tables',
  'tabular-regression': 'estimates values of tables',
  'time-series-forecasting': 'continues series of numbers',
  'reinforcement-learning': 'acts in an environment',
  robotics: 'moves a robot',
  'graph-ml': 'works on graphs',
}

/** What an architecture is made for, by the end of its name. */
export const endings: readonly [RegExp, string][] = [
  [/ForMaskedLM$/, 'fills gaps in a text'],
  [/ForTokenClassification$/, 'labels the words of a text'],
  [/ForQuestionAnswering$/, 'marks answers in a text'],
  [/ForMultipleChoice$/, 'chooses among answers'],
  [/ForImageClassification$/, 'classifies images'],
  [/ForObjectDetection$/, 'finds objects in images'],
  [/Segmentation$/, 'finds regions of images'],
  [/^(?:CLIP|Siglip|Siglip2|ChineseCLIP|AltCLIP)/, 'embeds images and texts together'],
  [/^(?:Whisper|SpeechT5ForSpeechToText|Moonshine|Speech2Text)|ASR|ForCTC$|Realtime/, speech],
  [/^(?:SpeechT5ForText|Bark|Vits|Musicgen|Parler|Dia|Csm)|ForTextToSpeech$/, 'turns text into speech'],
]

/** Files of weights that are no safetensors, and what reads them. */
export const formats: readonly [RegExp, string][] = [
  [/\.gguf$/i, 'GGUF files, which llama.cpp reads'],
  [/\.onnx$/, 'ONNX files'],
  [/\.h5$/, 'files of TensorFlow'],
  [/\.msgpack$/, 'files of Flax'],
  [/\.tflite$|\.task$|\.litertlm$/, 'files of LiteRT'],
  [/\.mlmodel$|\.mlpackage\//, 'files of Core ML'],
  [/openvino_model\.(?:xml|bin)$/, 'files of OpenVINO'],
  [/\.nemo$/, 'files of NeMo'],
  [/\.keras$/, 'files of Keras'],
  [/\.engine$|\.plan$/, 'files of TensorRT'],
]
export const pickles = /\.(?:bin|pt|pth|ckpt|pkl|pickle)$/
