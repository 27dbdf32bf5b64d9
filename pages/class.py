"""A class: its teacher asks and shows, its students answer and follow."""

from cnnviz.ui.app.entry import by_way_of_app
from cnnviz.ui.app.header import header
from cnnviz.ui.classes import page
from cnnviz.ui.kit.words import t
from cnnviz.ui.session.owner import keep_owner

by_way_of_app()
page.show_address()
header(t("classroom.title"))
page.show()
keep_owner()
