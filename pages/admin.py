"""What an administrator sees and does."""

from cnnviz.ui.entry import by_way_of_app
from cnnviz.ui.header import header
from cnnviz.ui.words import t

by_way_of_app()
header(t("pages.admin"))
