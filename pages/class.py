"""A class: its teacher asks and shows, its students answer and follow."""

from cnnviz.ui.app.entry import by_way_of_app
from cnnviz.ui.app.header import header
from cnnviz.ui.classes import page
from cnnviz.ui.kit.address_notes import address_notes
from cnnviz.ui.kit.words import t
from cnnviz.ui.session.owner import keep_owner

by_way_of_app()
arrived = page.arrive()
header(t("classroom.title"))
address_notes(arrived, "class.dismiss")
page.show()
keep_owner()
