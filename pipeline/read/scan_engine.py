"""Pictures of text lines → characters, by the recognition model that the wheel of rapidocr ships.

The model is asked directly (ONNX): that gives what rapidocr's own interface does not, how sure it
was of every single character and where on the line each stands. Nothing is downloaded.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.errors import UnsupportedError

#: The height in pixels that the model was trained on.
HEIGHT = 48
#: Crops of one call together are at most this wide in pixels, padding included.
BATCH_WIDTH = 4096
#: A single crop is squeezed to this width at most.
MAX_WIDTH = 2400
#: The model gives one answer for so many pixels of width.
STRIDE = 8

_MODULES = ("cv2", "numpy", "onnxruntime", "rapidocr")
_MODEL = "PP-OCRv6_rec_small.onnx"


#: Beside a character that simplified Chinese does not use the model thought of one that it does use,
#: with this share (0–1) or more: no more sure than the last is it then.
HINT, DOUBTED = 0.002, 0.85
#: Shapes of the same character that the model takes for one another, and the one in simplified Chinese.
_PAIRS = (
    "黃黄靜静強强瑤瑶碩硕龍龙馬马陳陈張张劉刘楊杨趙赵吳吴孫孙鄭郑馮冯蔣蒋韓韩蕭萧鄧邓許许葉叶蘇苏盧卢賈贾鄒邹陸陆謝谢鍾钟譚谭"
    "賴赖龔龚嚴严顧顾駱骆魯鲁韋韦溫温華华國国東东長长廣广門门電电車车業业務务專专經经貿贸設设備备產产質质檢检測测試试驗验術术"
    "學学員员營营銷销與与達达聯联創创綠绿環环農农醫医藥药機机關关開开鋼钢鐵铁銀银錢钱錦锦師师區区縣县鄉乡場场號号樓楼資资額额"
    "減减費费優优實实習习職职稱称碼码點点線线麗丽輝辉軍军寶宝慶庆鳳凤蘭兰紅红豔艳為为內内淸清銳锐銘铭鋒锋鴻鸿鵬鹏飛飞雲云傑杰"
    "偉伟齊齐閻阎雙双"
)
VARIANTS = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))


class Letter(NamedTuple):
    """One recognised character: `at` is its middle as a share (0–1) of the crop's width."""

    text: str
    at: float
    sure: float


def available() -> bool:
    """Whether the extra `ocr` is installed."""
    return all(importlib.util.find_spec(module) for module in _MODULES) and _model_path().is_file()


def require() -> None:
    """Raises UnsupportedError where the extra is missing: the file then is one of those that this
    installation cannot read, and says why."""
    if not available():
        raise UnsupportedError(
            "读取扫描件和照片需要识别组件，本机没有安装。",
            remedy="请安装：pip install 'pipeline[ocr]'，或请对方提交 docx、xlsx 原件。",
        )


def _model_path() -> Path:
    """Found without importing rapidocr, which loads much that is not needed here."""
    spec = importlib.util.find_spec("rapidocr")
    places = spec.submodule_search_locations if spec is not None else None
    return Path(next(iter(places or ["."]))) / "models" / _MODEL


class Recogniser:
    """The model loaded, with its alphabet. One for the process: see `recogniser()`."""

    def __init__(self, threads: int) -> None:
        import numpy as np
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        # Idle threads that spin would be charged as processor time.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = ort.InferenceSession(
            _model_path(), options, providers=["CPUExecutionProvider"]
        )
        known = self._session.get_modelmeta().custom_metadata_map["character"]
        self._alphabet = ["", *known.splitlines(), " "]
        chinese = np.array(["\u4e00" <= text <= "\u9fff" for text in self._alphabet])
        self._usual = chinese & np.array([_is_simplified(text) for text in self._alphabet])
        self._rare = chinese & ~self._usual
        places = {text: i for i, text in enumerate(self._alphabet)}
        self._variants = {
            places[text]: places[usual]
            for text, usual in VARIANTS.items()
            if text in places and usual in places
        }

    def read(self, crops: Sequence[Any]) -> list[list[Letter]]:
        """The characters of each crop (grey, text dark on light), in reading order."""
        scaled = [_scaled(crop) for crop in crops]
        results: list[list[Letter]] = [[] for _ in crops]
        for batch in _batches([image.shape[1] for image in scaled]):
            answers = self._ask([scaled[i] for i in batch])
            for i, answer in zip(batch, answers, strict=True):
                results[i] = self._decode(answer, scaled[i].shape[1])
        return results

    def _ask(self, images: list[Any]) -> Any:
        import numpy as np

        width = max(image.shape[1] for image in images)
        block = np.ones((len(images), 3, HEIGHT, width), np.float32)
        for i, image in enumerate(images):
            block[i, :, :, : image.shape[1]] = image.astype(np.float32) / 127.5 - 1.0
        return self._session.run(None, {"x": block})[0]

    def _decode(self, answer: Any, width: int) -> list[Letter]:
        """Best path: repeats are one character, the first class is the gap between two. What
        simplified Chinese does not use is doubtful where the model thought of something else too: a
        rare name, 黃 for 黄, or what is badly printed."""
        import numpy as np

        best = answer.argmax(axis=1)
        sure = answer.max(axis=1)
        for step in np.flatnonzero(self._rare[best]).tolist():
            usual = self._variants.get(int(best[step]))
            if usual is not None:
                best[step] = usual
            if usual is not None or (answer[step] * self._usual).max() > HINT:
                sure[step] = min(sure[step], DOUBTED)
        letters: list[Letter] = []
        start = 0
        for step in range(1, len(best) + 1):
            if step < len(best) and best[step] == best[start]:
                continue
            if best[start] != 0:
                at = min((start + step) / 2 * STRIDE / width, 1.0)
                text = self._alphabet[best[start]]
                letters.append(Letter(text, at, float(sure[start:step].max())))
            start = step
        return letters


def _is_simplified(text: str) -> bool:
    """Whether simplified Chinese uses a character: GB 2312 has what people write, but rare names."""
    try:
        return bool(text.encode("gb2312"))
    except UnicodeEncodeError:
        return False


@cache
def recogniser() -> Recogniser:
    """The one Recogniser of this process; loading takes half a second."""
    require()
    return Recogniser(threads=min(2, os.cpu_count() or 1))


def _scaled(crop: Any) -> Any:
    import cv2

    height, width = crop.shape[:2]
    target = min(max(round(width * HEIGHT / height), HEIGHT // 2), MAX_WIDTH)
    how = cv2.INTER_AREA if height > HEIGHT else cv2.INTER_CUBIC
    return cv2.resize(crop, (target, HEIGHT), interpolation=how)


def _batches(widths: Sequence[int]) -> Iterator[list[int]]:
    """Crops of like width together: padding costs time, and beside much of it marks are lost."""
    batch: list[int] = []
    for i in sorted(range(len(widths)), key=lambda i: widths[i]):
        if batch and (
            (len(batch) + 1) * widths[i] > BATCH_WIDTH or widths[i] > 1.12 * widths[batch[0]] + 8
        ):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
