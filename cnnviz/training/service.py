"""What the pages need of training, in one place."""

from cnnviz.training.files import folder, open_store
from cnnviz.training.start import ensure_dispatcher

__all__ = ["ensure_dispatcher", "folder", "open_store"]
