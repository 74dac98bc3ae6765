"""Numbers and names of the GGUF format.

Sources: ggml-org/ggml docs/gguf.md (value types), ggml-org/llama.cpp gguf-py/gguf/constants.py
(tensor blocks, file types).
"""

import re

from desktop.base.tongue import QT_TRANSLATE_NOOP

TEXT = 8
ARRAY = 9

# Value type: how `struct` calls it. A truth value is one byte.
NUMBER_FORMS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "B",
    10: "Q",
    11: "q",
    12: "d",
}

# Tensor type: weights in a block, bytes of a block. Types whose layout has changed are left out.
TENSOR_BLOCKS = {
    0: (1, 4),  # F32
    1: (1, 2),  # F16
    2: (32, 18),  # Q4_0
    3: (32, 20),  # Q4_1
    6: (32, 22),  # Q5_0
    7: (32, 24),  # Q5_1
    8: (32, 34),  # Q8_0
    10: (256, 84),  # Q2_K
    11: (256, 110),  # Q3_K
    12: (256, 144),  # Q4_K
    13: (256, 176),  # Q5_K
    14: (256, 210),  # Q6_K
    16: (256, 66),  # IQ2_XXS
    17: (256, 74),  # IQ2_XS
    18: (256, 98),  # IQ3_XXS
    19: (256, 50),  # IQ1_S
    20: (32, 18),  # IQ4_NL
    21: (256, 110),  # IQ3_S
    22: (256, 82),  # IQ2_S
    23: (256, 136),  # IQ4_XS
    24: (1, 1),  # I8
    25: (1, 2),  # I16
    26: (1, 4),  # I32
    27: (1, 8),  # I64
    28: (1, 8),  # F64
    29: (256, 56),  # IQ1_M
    30: (1, 2),  # BF16
    34: (256, 54),  # TQ1_0
    35: (256, 66),  # TQ2_0
    39: (32, 17),  # MXFP4
}

FILE_TYPES = {
    0: "F32",
    1: "F16",
    2: "Q4_0",
    3: "Q4_1",
    7: "Q8_0",
    8: "Q5_0",
    9: "Q5_1",
    10: "Q2_K",
    11: "Q3_K_S",
    12: "Q3_K_M",
    13: "Q3_K_L",
    14: "Q4_K_S",
    15: "Q4_K_M",
    16: "Q5_K_S",
    17: "Q5_K_M",
    18: "Q6_K",
    19: "IQ2_XXS",
    20: "IQ2_XS",
    21: "Q2_K_S",
    22: "IQ3_XS",
    23: "IQ3_XXS",
    24: "IQ1_S",
    25: "IQ4_NL",
    26: "IQ3_S",
    27: "IQ3_M",
    28: "IQ2_S",
    29: "IQ2_M",
    30: "IQ4_XS",
    31: "IQ1_M",
    32: "BF16",
    36: "TQ1_0",
    37: "TQ2_0",
    38: "MXFP4",
    39: "NVFP4",
}

# Added to a file type that was not stated but inferred from the tensors.
GUESSED = 1024

# The key-values that are kept; all others are passed over.
WANTED = re.compile(
    r"general\.(?:type|architecture|name|license|license\.name|file_type|alignment)"
    r"|split\.(?:no|count)"
    r"|[^.]+\.(?:context_length|block_count|embedding_length)"
    r"|[^.]+\.attention\.(?:head_count|head_count_kv|key_length|value_length)"
)

# What `general.type` calls files that are no model of their own.
ADDITIONS = {
    "adapter": QT_TRANSLATE_NOOP("LocalModel", "an adapter"),
    "mmproj": QT_TRANSLATE_NOOP("LocalModel", "the part of a model that sees pictures"),
    "imatrix": QT_TRANSLATE_NOOP("LocalModel", "a measurement for making models"),
}

EMBEDDING_ARCHITECTURES = frozenset(
    {"bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "modern-bert", "neo-bert"}
    | {"eurobert", "gemma-embedding", "t5encoder", "llama-embed"}
)
