"""Names of torch's functions for sentences and drawings."""

from cnnviz.text import Text

OPERATIONS = {
    "conv2d": Text("conv", "卷积"),
    "linear": Text("linear", "全连接"),
    "batch_norm": Text("batch norm", "批量规范化"),
    "relu": Text("ReLU", "ReLU"),
    "relu6": Text("ReLU6", "ReLU6"),
    "elu": Text("ELU", "ELU"),
    "dropout": Text("dropout", "暂退法"),
    "max_pool2d": Text("max pool", "最大池化"),
    "avg_pool2d": Text("avg pool", "平均池化"),
    "adaptive_avg_pool2d": Text("global avg pool", "全局平均池化"),
    "local_response_norm": Text("local response norm", "局部响应规范化"),
    "cat": Text("concat", "拼接"),
    "channel_shuffle": Text("channel shuffle", "通道混洗"),
    "chunk": Text("split", "拆分"),
    "add": Text("add", "相加"),
    "sub": Text("subtract", "相减"),
    "mul": Text("multiply", "相乘"),
    "sum": Text("sum", "求和"),
    "square": Text("square", "平方"),
    "neg": Text("negate", "取负"),
    "addcmul": Text("scale and shift", "缩放与平移"),
    "flatten": Text("flatten", "展平"),
    "unsqueeze": Text("add an axis", "增加一维"),
    "getitem": Text("pick", "切片"),
    "pad": Text("pad", "补零"),
    "group_norm": Text("group norm", "组规范化"),
    "index_select": Text("select maps", "选取特征图"),
}
