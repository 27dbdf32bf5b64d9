"""The Glossary page: the field's terms, each with a picture and the places where it is seen."""
